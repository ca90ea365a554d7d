"""Pages and calls of what is told beside mail: gateways, browsers, webhooks."""
