"""hostile - input that no runtime sends, unless it is broken or somebody means harm; a file each for what belongs together."""
from . import texts, types, paths, files, descriptors, endless
