"""The TUI: takes logs, gives a screen to browse them in true order."""

#: The status of an application that is to be started once more, its logs opened anew.
RELOAD = 75
