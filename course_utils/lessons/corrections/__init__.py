"""The room of the appendix ``appendix/corrections``: it has no exercises and no figures."""
