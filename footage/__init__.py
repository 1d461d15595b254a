"""The pipeline that turns one set of answers into watchable files, one stage per module."""
