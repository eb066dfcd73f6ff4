-- Built-in roles are called and described as the console does: by what they grant today.
UPDATE roles SET name = words.name, description = words.description
FROM (VALUES
    ('owner',   'Owner',         'Everything, the organization itself included.'),
    ('admin',   'Administrator', 'Everything within the organization, but its owners.'),
    ('manager', 'Manager',       'Runs catalogue and stock; sees people and roles.'),
    ('staff',   'Staff',         'Daily work with stock.'),
    ('viewer',  'Viewer',        'Looks, changes nothing.')
) AS words (key, name, description)
WHERE roles.key = words.key AND roles.built_in;
