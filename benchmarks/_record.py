"""Where and when a benchmark ran, and saving its figures."""

import datetime
import json
import os
import platform
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, object]:
    """Processor, cores, system and versions that the figures depend on."""
    from importlib.metadata import version

    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    versions = {name: version(name) for name in ("keras", "numpy")}
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **versions,
    }


def save(name: str, figures: dict[str, object], path: Path | None = None) -> Path:
    """Write figures with date and machine to ``results/<name>.json``, whole or not at all."""
    path = path or RESULTS / f"{name}.json"
    content = {"date": datetime.date.today().isoformat(), "machine": machine(), **figures}
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, path)
    return path
