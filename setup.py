"""The packages, found; everything else about the distribution stands in ``pyproject.toml``.

What the benchmarks last measured travels with the package as ``course_utils.results``, since lessons read it wherever they run.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["course_utils", "course_utils.*"]), "course_utils.results"],
    package_dir={"course_utils": "course_utils", "course_utils.results": "benchmarks/results"},
)
