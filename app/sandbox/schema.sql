-- What the sandbox remembers. Times: UTC text of fixed width. Objects: JSON text.

CREATE TABLE switches (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE outcomes (person TEXT PRIMARY KEY, outcome TEXT NOT NULL);

CREATE TABLE accounts (person TEXT PRIMARY KEY, changes TEXT NOT NULL);

CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  client_token TEXT NOT NULL,
  merchant TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  request TEXT NOT NULL,
  customer_token TEXT,
  recognised TEXT,
  authorization_token TEXT,
  person TEXT,
  outcome TEXT
);

CREATE TABLE authorizations (
  token TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  person TEXT NOT NULL,
  link INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  status TEXT NOT NULL,
  failure TEXT,
  order_id TEXT,
  token_id TEXT
);

CREATE TABLE orders (
  order_id TEXT PRIMARY KEY,
  origin TEXT NOT NULL,
  session_id TEXT UNIQUE,
  merchant TEXT NOT NULL,
  region TEXT NOT NULL,
  person TEXT,
  created_at TEXT NOT NULL,
  request TEXT NOT NULL,
  answer TEXT NOT NULL,
  ledger TEXT NOT NULL,
  urls TEXT NOT NULL,
  acknowledged_at TEXT,
  decision TEXT,
  decides_at TEXT,
  decided_at TEXT,
  extensions TEXT NOT NULL DEFAULT '{}'
);

CREATE TABLE checkouts (
  order_id TEXT PRIMARY KEY,
  merchant TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  purchase TEXT NOT NULL,
  browser_key TEXT NOT NULL,
  recognised TEXT,
  typed INTEGER NOT NULL DEFAULT 0,
  person TEXT,
  started_at TEXT NOT NULL,
  last_modified_at TEXT NOT NULL,
  completed_at TEXT,
  expires_at TEXT NOT NULL,
  locked_until REAL NOT NULL DEFAULT 0,
  objections TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE pushes (
  order_id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  completed_at TEXT NOT NULL,
  due_at TEXT
);

CREATE TABLE customer_tokens (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_token TEXT NOT NULL UNIQUE,
  merchant TEXT NOT NULL,
  region TEXT NOT NULL,
  person TEXT NOT NULL,
  status TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  customer_token_reference TEXT NOT NULL
);

CREATE TABLE payment_tokens (
  token_id TEXT PRIMARY KEY,
  merchant TEXT NOT NULL,
  region TEXT NOT NULL,
  person TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at TEXT NOT NULL,
  request TEXT NOT NULL,
  subscription INTEGER NOT NULL,
  next_charge TEXT NOT NULL,
  updated_at TEXT
);

CREATE TABLE step_ups (
  step_up_id TEXT PRIMARY KEY,
  token_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  fulfilled_at TEXT
);

CREATE TABLE signing_keys (
  number TEXT PRIMARY KEY,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at TEXT NOT NULL,
  pem TEXT NOT NULL
);

CREATE TABLE logins (
  sid TEXT PRIMARY KEY,
  region TEXT NOT NULL,
  person TEXT NOT NULL,
  began_at TEXT NOT NULL
);

CREATE TABLE consents (
  person TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  declined TEXT NOT NULL,
  given_at TEXT NOT NULL,
  PRIMARY KEY (person, client_id)
);

CREATE TABLE sign_in_chains (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  code_expires_at TEXT NOT NULL,
  region TEXT NOT NULL,
  client_id TEXT NOT NULL,
  person TEXT NOT NULL,
  scopes TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  nonce TEXT,
  code_challenge TEXT,
  sid TEXT NOT NULL,
  authenticated_at TEXT NOT NULL,
  status TEXT NOT NULL
);

CREATE TABLE sign_in_tokens (
  token TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  chain INTEGER NOT NULL,
  scopes TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  status TEXT NOT NULL
);

CREATE INDEX sign_in_tokens_of_chain ON sign_in_tokens (chain);

CREATE TABLE idempotency (
  merchant TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  first_at TEXT NOT NULL,
  status INTEGER,
  headers TEXT,
  body BLOB,
  PRIMARY KEY (merchant, method, path, key)
);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  session_id TEXT,
  order_id TEXT,
  forged INTEGER NOT NULL,
  url TEXT NOT NULL,
  body TEXT,
  queued_at TEXT NOT NULL,
  delay REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at TEXT,
  state TEXT NOT NULL
);

CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER,
  request TEXT NOT NULL,
  response TEXT
);

CREATE TABLE faults (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  times INTEGER NOT NULL,
  action TEXT NOT NULL
)
