"""The house style of every page: layout, fields, tables, formats and words, in Bahasa Indonesia and in English."""
