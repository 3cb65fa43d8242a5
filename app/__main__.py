"""`python -m guidewright` is the command `guidewright`."""

from guidewright.cli import main

if __name__ == "__main__":
    main()
