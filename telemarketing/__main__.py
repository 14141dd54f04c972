"""`python -m telemarketing` is the command `telemarketing`."""

from telemarketing.cli import main

if __name__ == "__main__":
    main()
