"""How is the documentation built? `python -m sphinx -W -j auto docs docs/_build`.

Pages are Markdown, the reference comes from docstrings, and the gallery runs examples/. Nothing is
fetched: the build needs no network.
"""

import re

import nlsolve

project = "nlsolve"
author = "The nlsolve developers"
version = release = nlsolve.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "matplotlib.sphinxext.plot_directive",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery/**/*.ipynb"]
templates_path = ["_templates"]
highlight_language = "text"
smartquotes = False  # in words that are meant to be typed
nitpicky = True
nitpick_ignore_regex = [("py:obj", ".*")]  # `name` is a parameter as often as it is a reference

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

default_role = "py:obj"  # `solve` in a docstring
autodoc_typehints = "none"  # numpydoc docstrings name the types, with shapes
numpydoc_show_class_members = False  # the template of a class lists them
numpydoc_validation_checks = {"PR01", "PR02", "PR03", "PR10", "RT03", "SS05"}
numpydoc_validation_exclude = {r"\.[A-Z]"}  # classes: nearly all are records nobody makes by hand

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 1,
}

plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 150)]
plot_rcparams = {"figure.constrained_layout.use": True}

html_theme = "pydata_sphinx_theme"
html_title = "nlsolve"
html_theme_options = {
    "navigation_with_keys": False,
    "show_nav_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "reference/benchmarks": []},
    "footer_start": [],
    "footer_end": [],
}
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {"tutorial": [], "reference/benchmarks": []}
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True


def escaped(line):
    """Keep |r| what it is: reStructuredText would take r for the name of a replacement."""
    return re.sub(r"(``.*?``)|\|", lambda found: found[1] or r"\|", line)


def escape_docstring(_app, _what, _name, _object, _options, lines):
    """Escape norms in a docstring, but in its examples."""
    for i, line in enumerate(lines):
        lines[i] = line if line.lstrip().startswith((">>>", "...")) else escaped(line)


def escape_example(_app, name, source):
    """Escape norms in the text of an example; code and output are indented."""
    if name.startswith("gallery/"):
        lines = source[0].split("\n")
        source[0] = "\n".join(one if one.startswith("   ") else escaped(one) for one in lines)


def setup(app):
    app.connect("autodoc-process-docstring", escape_docstring, priority=900)  # after numpydoc
    app.connect("source-read", escape_example)
