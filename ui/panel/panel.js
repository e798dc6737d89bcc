// The side panel.
