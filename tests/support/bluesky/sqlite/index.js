// better-sqlite3 is a native module that is compiled, or downloaded from GitHub, when it is
// installed. Node 24 brings SQLite itself: this gives the PDS the same calls over that one, so
// that no compiler and no other download is needed.
'use strict'
const { DatabaseSync } = require('node:sqlite')

// The extended result codes whose names the PDS looks at.
const NAMES = {
  5: 'SQLITE_BUSY',
  261: 'SQLITE_BUSY_RECOVERY',
  517: 'SQLITE_BUSY_SNAPSHOT',
  773: 'SQLITE_BUSY_TIMEOUT',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
}

const named = (call) => {
  try {
    return call()
  } catch (error) {
    if (error.errcode in NAMES) error.code = NAMES[error.errcode]
    throw error
  }
}

class Statement {
  constructor(statement) {
    this.statement = statement
    this.reader = statement.columns().length > 0
  }
  all(values) {
    return named(() => this.statement.all(...values))
  }
  run(values) {
    return named(() => this.statement.run(...values))
  }
}

module.exports = class Database {
  constructor(location, options) {
    this.connection = new DatabaseSync(location, { timeout: options?.timeout ?? 5000 })
  }
  prepare(sql) {
    return new Statement(named(() => this.connection.prepare(sql)))
  }
  pragma(text) {
    return named(() => this.connection.prepare(`PRAGMA ${text}`).all())
  }
  close() {
    this.connection.close()
  }
}
