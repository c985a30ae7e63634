"""`python -m minikeras`."""

import sys

from minikeras.cli import main

if __name__ == "__main__":
    sys.exit(main())
