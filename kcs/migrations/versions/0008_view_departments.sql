-- The department of a row's team, at the end of the views that tell a team (docs/bi.md). The migration writes
-- utc(...), day_of(...), date_of(...), forever() and team_departments() out for its database. A later migration
-- that changes a table below drops its views first and makes them again.

-- At present a team's department is what the log said of it last: all of its work counts there.
CREATE VIEW report_people AS
SELECT
  p.id AS person_id,
  p.name AS name,
  p.team_id AS team_id,
  t.name AS team,
  p.licence AS licence,
  CASE WHEN p.active THEN 1 ELSE 0 END AS active,
  b.department_id AS department_id,
  e.name AS department
FROM agents p
LEFT JOIN teams t ON t.id = p.team_id
LEFT JOIN team_departments() b ON b.team_id = p.team_id
LEFT JOIN departments e ON e.id = b.department_id;

-- How somebody's work was judged is for that person, their coach and their manager: it stands in no view.
CREATE VIEW report_acts AS
SELECT
  a.id AS act_id,
  a.kind AS kind,
  a.agent_id AS person_id,
  a.team_id AS team_id,
  t.name AS team,
  a.connection_id AS desk_id,
  c.name AS desk,
  a.ticket_id AS ticket_id,
  a.article_id AS article_id,
  a.link_id AS link_id,
  a.role AS role,
  a.before AS state_before,
  a.after AS state_after,
  utc(a.happened_at) AS happened_at,
  day_of(a.happened_at) AS happened_day,
  utc(a.recorded_at) AS recorded_at,
  b.department_id AS department_id,
  e.name AS department
FROM activity a
LEFT JOIN teams t ON t.id = a.team_id
LEFT JOIN team_departments() b ON b.team_id = a.team_id
LEFT JOIN departments e ON e.id = b.department_id
LEFT JOIN connections c ON c.id = a.connection_id
WHERE substr(a.kind, 1, 7) <> 'sample.';

CREATE VIEW report_solved_tickets AS
SELECT
  f.ticket_id AS ticket_id,
  k.remote_id AS ticket,
  f.connection_id AS desk_id,
  c.name AS desk,
  f.agent_id AS person_id,
  f.team_id AS team_id,
  t.name AS team,
  f.licence AS licence,
  f.domain_id AS domain_id,
  d.name AS domain,
  f.product_id AS product_id,
  utc(f.solved_at) AS solved_at,
  date_of(f.day) AS solved_day,
  f.outcome AS outcome,
  CASE WHEN f.outcome = 'linked' THEN 1 ELSE 0 END AS linked,
  CASE WHEN f.outcome = 'exempt' THEN 1 ELSE 0 END AS exempt,
  CASE WHEN f.outcome = 'unanswered' THEN 1 ELSE 0 END AS unanswered,
  f.inferred AS inferred,
  f.reused AS reused,
  f.created AS created,
  f.modified AS modified,
  f.known AS known,
  f.new AS new,
  f.reopened AS reopened,
  f.rated AS rated,
  f.satisfied AS satisfied,
  f.relief AS relief_seconds,
  f.first_reply AS first_reply_seconds,
  f.worked AS worked_seconds,
  b.department_id AS department_id,
  e.name AS department
FROM solved_facts f
LEFT JOIN tickets k ON k.id = f.ticket_id
LEFT JOIN connections c ON c.id = f.connection_id
LEFT JOIN teams t ON t.id = f.team_id
LEFT JOIN team_departments() b ON b.team_id = f.team_id
LEFT JOIN departments e ON e.id = b.department_id
LEFT JOIN domains d ON d.id = f.domain_id
WHERE f.known_to >= forever();
