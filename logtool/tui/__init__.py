"""The TUI: takes logs, gives a screen to browse them in true order."""
