"""The history of the tables that every service has."""

from chassis.migrate import chassis_metadata, run

run(chassis_metadata, version_table="chassis_version")
