"""Figures and tables count from 1 on each page.

Sphinx numbers them through the whole book unless sections have numbers, and a book of many lessons is read a page at a time.
The numbers that it gave are kept aside, for it compares them with new ones to see which pages have changed.
"""


def restore(app, env):
    """Before Sphinx numbers: give back what it had numbered."""
    env.toc_fignumbers = getattr(env, "book_fignumbers", env.toc_fignumbers)
    return []


def count_from_one(app, env):
    """After Sphinx has numbered: keep its numbers, and count anew on each page, in the same order."""
    env.book_fignumbers = env.toc_fignumbers
    env.toc_fignumbers = {
        page: {
            kind: {name: (place,) for place, name in enumerate(sorted(numbers, key=numbers.get), start=1)}
            for kind, numbers in kinds.items()
        }
        for page, kinds in env.book_fignumbers.items()
    }
    return []


def setup(app):
    """Stand before and behind Sphinx's own numbering."""
    app.connect("env-get-updated", restore, priority=100)
    app.connect("env-get-updated", count_from_one, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
