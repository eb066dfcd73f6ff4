/** A key's scopes are chosen among the permissions, which must be seen; it is made on the page of keys. */
export const NEW_KEY = ["api_keys.read", "api_keys.write", "roles.read"];
