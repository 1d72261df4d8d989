import GRDB

/// The tables of `headgate.db`.
enum Schema {
    /// `PRAGMA user_version`.
    static let version = 2
    /// `PRAGMA application_id`: "Hgat".
    static let application = 0x4867_6174

    static let fileName = "headgate.db"

    /// Creates what a new file lacks, and refuses one that is not ours to write.
    static func prepare(_ db: Database, path: String) throws {
        if try judge(db, path: path) { return try prepareAdditions(db) }
        try db.execute(
            sql: """
                CREATE TABLE device (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                CREATE TABLE point (
                  id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, unit TEXT NOT NULL,
                  UNIQUE (name, type, unit)
                ) STRICT;
                -- A row is the batches of a commit, or a part of them: the last one's number, and the first one's.
                CREATE TABLE journal (
                  seq INTEGER PRIMARY KEY, first INTEGER NOT NULL,
                  -- Of source times, in ms.
                  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
                  -- Samples in the row, and from the beginning of the file up to and with this row.
                  count INTEGER NOT NULL, total INTEGER NOT NULL,
                  payload BLOB NOT NULL
                ) STRICT;
                -- The past by point: sixteen points to a row (Segment).
                CREATE TABLE segment (
                  id INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, kind INTEGER NOT NULL, level INTEGER NOT NULL,
                  day INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, count INTEGER NOT NULL,
                  is_rolled INTEGER NOT NULL, payload BLOB NOT NULL
                ) STRICT;
                CREATE INDEX segment_by_shelf ON segment (shelf, kind, day, level);
                CREATE INDEX segment_by_day ON segment (kind, day);
                -- Every entry of a device up to this one is in segments; of device 0, every entry of all that are not named.
                CREATE TABLE archive (device INTEGER PRIMARY KEY, through INTEGER NOT NULL) STRICT;
                CREATE TABLE event (
                  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
                  origin TEXT NOT NULL, text TEXT NOT NULL
                ) STRICT;
                CREATE TABLE cursor (
                  destination TEXT PRIMARY KEY, settled TEXT NOT NULL, acknowledged INTEGER NOT NULL,
                  refused INTEGER NOT NULL, unreadable INTEGER NOT NULL, expired INTEGER NOT NULL
                )
                  STRICT, WITHOUT ROWID;
                CREATE TABLE run (
                  id INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER,
                  produced INTEGER NOT NULL DEFAULT 0, stored INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE TABLE loss (
                  run INTEGER NOT NULL, reason TEXT NOT NULL, samples INTEGER NOT NULL, PRIMARY KEY (run, reason)
                )
                  STRICT, WITHOUT ROWID;
                PRAGMA application_id = \(application);
                PRAGMA user_version = \(version);
                """)
        try prepareAdditions(db)
    }

    /// Tables that files of this version may lack: releases that do not know them do without.
    private static func prepareAdditions(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Entries whose times are wrong by a span that is not known yet (Spell).
                CREATE TABLE IF NOT EXISTS untimed (
                  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, base INTEGER NOT NULL, boot TEXT NOT NULL, until INTEGER NOT NULL
                ) STRICT;
                -- One row: every entry up to this one was thinned, which cost so many samples. The totals of those rows are as if what
                -- went had never been: for what comes after them, that much is to be added.
                CREATE TABLE IF NOT EXISTS thinned (
                  id INTEGER PRIMARY KEY CHECK (id = 1), through INTEGER NOT NULL, samples INTEGER NOT NULL
                ) STRICT;
                """)
    }

    /// Whether the file has our tables in a version we know; false if it is empty.
    static func judge(_ db: Database, path: String) throws -> Bool {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if owner == 0, found == 0, tables == 0 { return false }
        guard owner == application else { throw StoreError.foreign(path: path) }
        guard found <= version else { throw StoreError.newer(path: path, version: found) }
        guard found == version else { throw StoreError.older(path: path, version: found) }
        return true
    }
}
