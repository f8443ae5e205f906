"""Where everything is kept: tables, repositories, unit of work, migrations and media files."""
