"""The installer of an offline bundle: the standard library only, run by the machine's own Python as `installer`.

`.ci/bundle/build.py` copies this folder into the bundle under that name, hence the relative imports; it must not import
anything of CCSS, which is not installed yet when it runs.
"""
