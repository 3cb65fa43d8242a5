"""What a new version of a guideline changes for patients, and what a change of a record changes for one."""
