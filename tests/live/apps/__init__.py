"""Applications for the Apache under test; copied into its folder, never imported from here."""
