"""cases - the rules, a file each for what belongs together."""
from . import environment, names, stdin, versions, shapes, delegation, add, delete, check, collect, runtime, previous
