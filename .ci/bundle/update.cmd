@echo off
rem Updates what install.cmd installed: backup, new programs, migration, check, start; on any failure everything goes back.
call "%~dp0install.cmd" --update %*
