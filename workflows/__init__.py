"""Do the work of directives: one package for each subject.

A package imports only those before it: rules, access, queue, history, organization, tasks, escalation, templates,
launch, intake, delivery, inspections, worklists, reports, jobs, operations. pyproject.toml holds this order.
"""
