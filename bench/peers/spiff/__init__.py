"""SpiffWorkflow: a BPMN process with a user task; each instance serialised into a row, one transaction each."""
