"""Make all of MNIST-C from the bundled MNIST, in the layout of the published archive.

    python data_scripts/make_mnist_c.py [--output FOLDER] [--processes 2]

FOLDER gets ``<name>/{train,test}_{images,labels}.npy`` for ``identity`` and the fifteen corruptions, 880 MB in all; by default it is
``mnist_c`` in the data folder, where ``load_mnist_c`` finds it. Each file is written whole or not at all, with its SHA-256 beside
it. Run the script again after it was stopped, or after a file was damaged: it makes what is missing or not as recorded, and nothing
else. Files that somebody put there, such as the published ones, are verified and kept.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from course_utils.datasets import mnist_c


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="folder to write to (default: mnist_c in the data folder)")
    parser.add_argument("--processes", type=int, default=2, help="how many work at the same time (default: 2)")
    parser.add_argument(
        "--names", nargs="+", default=mnist_c.NAMES, help="corruptions to make (default: all, and identity)"
    )
    parser.add_argument("--splits", nargs="+", default=mnist_c.SPLITS, help="train, test or both (default)")
    options = parser.parse_args(argv)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("MNIST-C", total=len(options.names) * len(options.splits))

        def report(name, split, what):
            progress.update(task, advance=1, description=f"{name}/{split} {what}")

        try:
            counts = mnist_c.make_all(
                options.output, names=options.names, splits=options.splits, processes=options.processes, report=report
            )
        except (ValueError, OSError) as error:
            progress.stop()
            print(f"make_mnist_c: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            progress.stop()
            print("make_mnist_c: stopped; what is there is whole. Run it again to go on.", file=sys.stderr)
            return 130
    print(", ".join(f"{count} {what}" for what, count in counts.items() if count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
