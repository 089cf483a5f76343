"""OpenMAS: a cloud MAS that sends short messages under contract.

errors     every failure that crosses a boundary, one tree
needs      what the flows need from the world, as protocols
settings   what the environment of a function says
domain     the rules: contract, texts, numbers, parcels, receipts, rating (pure)
flows      the use-cases: gather, decide, apply
adapters   DynamoDB, SQS, Secrets Manager and the carriers
edge       HTTP and queue shapes, problems, seals, telemetry
"""
