-- What operators see of the platform: since when a saga is at work, why a step of it failed in words of the systems asked, and lists in any order they offer.

-- When a runner first took it; an operation that waits for its time has none.
ALTER TABLE operations ADD COLUMN started_at timestamptz;
-- What was noted before stays as it was noted: no new version, no new time of a change.
ALTER TABLE operations DISABLE TRIGGER operations_touch;
UPDATE operations o SET started_at = s.started_at
  FROM (SELECT operation_id, min(started_at) AS started_at FROM saga_steps GROUP BY operation_id) s
 WHERE s.operation_id = o.id AND o.state <> 'pending';
ALTER TABLE operations ENABLE TRIGGER operations_touch;

-- For operators alone: beside `error`, which is for whoever waits. Neither a secret nor a row's values.
ALTER TABLE saga_steps ADD COLUMN cause text;

CREATE INDEX operations_kind_idx ON operations (kind, id);
CREATE INDEX operations_given_up_idx ON operations (finished_at) WHERE state IN ('failed', 'undone');
CREATE INDEX tenants_plan_idx ON tenants ((entitlements ->> 'plan'), id);
CREATE INDEX tenants_schema_version_idx ON tenants (schema_version, id);
CREATE INDEX audit_log_actor_kind_idx ON audit_log (actor_kind, seq);
