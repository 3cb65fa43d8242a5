"""Pictures of a guideline: graphs, flowcharts and overlays."""
