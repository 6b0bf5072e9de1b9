-- What reporting tools read (docs/bi.md). The migration writes utc(...), day_of(...), date_of(...) and forever()
-- out for its database. A later migration that changes a table below drops its views first and makes them again.

CREATE VIEW report_people AS
SELECT
  p.id AS person_id,
  p.name AS name,
  p.team_id AS team_id,
  t.name AS team,
  p.licence AS licence,
  CASE WHEN p.active THEN 1 ELSE 0 END AS active
FROM agents p
LEFT JOIN teams t ON t.id = p.team_id;

CREATE VIEW report_articles AS
SELECT
  a.id AS article_id,
  a.key AS key,
  CASE WHEN a.confidence = 'validated' AND a.audience <> 'internal' THEN 'published' ELSE a.confidence END AS state,
  a.confidence AS confidence,
  a.audience AS audience,
  a.governance AS governance,
  a.locale AS language,
  a.domain_id AS domain_id,
  d.name AS domain,
  a.author_id AS author_id,
  a.owner_id AS owner_id,
  a.merged_into_id AS merged_into_id,
  a.translation_of_id AS translation_of_id,
  utc(a.created_at) AS created_at,
  day_of(a.created_at) AS created_day,
  utc(a.changed_at) AS changed_at,
  utc(a.published_at) AS published_at,
  day_of(a.published_at) AS published_day
FROM articles a
LEFT JOIN domains d ON d.id = a.domain_id;

CREATE VIEW report_links AS
SELECT
  l.id AS link_id,
  l.ticket_id AS ticket_id,
  t.remote_id AS ticket,
  t.connection_id AS desk_id,
  c.name AS desk,
  l.article_id AS article_id,
  l.agent_id AS person_id,
  l.role AS role,
  l.source AS source,
  CASE WHEN l.removed_at IS NULL THEN 1 ELSE 0 END AS stands,
  CASE WHEN t.merged OR t.deleted_at IS NOT NULL THEN 1 ELSE 0 END AS ticket_left_out,
  utc(l.created_at) AS created_at,
  day_of(l.created_at) AS created_day,
  utc(l.removed_at) AS removed_at
FROM links l
JOIN tickets t ON t.id = l.ticket_id
JOIN connections c ON c.id = t.connection_id;

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
  utc(a.recorded_at) AS recorded_at
FROM activity a
LEFT JOIN teams t ON t.id = a.team_id
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
  f.worked AS worked_seconds
FROM solved_facts f
LEFT JOIN tickets k ON k.id = f.ticket_id
LEFT JOIN connections c ON c.id = f.connection_id
LEFT JOIN teams t ON t.id = f.team_id
LEFT JOIN domains d ON d.id = f.domain_id
WHERE f.known_to >= forever();
