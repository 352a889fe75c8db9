package temporal

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	serversql "go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/resolver"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"secretome/internal/durable"
	"secretome/internal/fault"
)

// prepare makes the file's schema and namespace, or checks the ones it has. The
// server's SQLite schema has no migrations and no version check of its own.
func prepare(file, made string) error {
	want, err := schemaOfServer()
	if err != nil {
		return fmt.Errorf("read the temporal server's schema: %w", err)
	}
	got, err := schemaOf(file)
	if err != nil {
		return fault.Wrap(err, fault.Corrupt, "%s cannot be read as a database; restore it from a backup", file)
	}
	switch {
	case len(got) == 0:
		err = create(file)
	case !slices.Equal(got, want):
		return fault.New(fault.Refused, "the workflows in %s were kept by Temporal server %s, and the server in this program, %s, keeps them differently",
			file, orUnknown(made), Version).Try("use the program that last ran on this data directory; nothing was changed")
	}
	if err != nil {
		return fmt.Errorf("make %s: %w", file, err)
	}
	return createNamespace(file)
}

func orUnknown(version string) string {
	if version == "" {
		return "of an unknown version"
	}
	return version
}

// create makes the schema in one transaction: a crash leaves all of it or none.
func create(file string) error {
	db, err := sql.Open("sqlite", "file:"+escaped(file)+"?mode=rwc&_pragma=journal_mode=wal&_pragma=synchronous=FULL")
	if err != nil {
		return err
	}
	return errors.Join(setUp(db), db.Close(), durable.SyncFolder(filepath.Dir(file)))
}

func setUp(db *sql.DB) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	if err := sqliteschema.SetupSchemaOnDB(statements{tx: tx}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// statements runs the server's schema statements in a transaction of ours. Only
// Exec is ever called.
type statements struct {
	sqlplugin.AdminDB
	tx *sql.Tx
}

func (s statements) Exec(statement string, args ...any) error {
	_, err := s.tx.Exec(statement, args...)
	return err
}

// schemaOfServer is the schema that this server makes.
func schemaOfServer() ([]string, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if err := setUp(db); err != nil {
		return nil, err
	}
	return tables(db)
}

// schemaOf is the schema of a file; an absent file has none.
func schemaOf(file string) ([]string, error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	db, err := sql.Open("sqlite", "file:"+escaped(file)+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return tables(db)
}

// tables lists all tables and indexes with the statements that made them, in
// an order of their own, and white space made one.
func tables(db *sql.DB) ([]string, error) {
	rows, err := db.Query(`SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type, name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		list = append(list, strings.Join(strings.Fields(row), " "))
	}
	return list, rows.Err()
}

// createNamespace makes the namespace, if the file has none.
func createNamespace(file string) error {
	ns, err := sqliteschema.NewNamespaceConfig(clusterName, Namespace, false, searchAttributes())
	if err == nil {
		ns.Detail.Config.Retention = durationpb.New(retention)
		err = sqliteschema.CreateNamespaces(store(file), ns)
	}
	if err != nil {
		return fmt.Errorf("make namespace %s: %w", Namespace, err)
	}
	return nil
}

// checkConnection fails unless the connection that the server uses has the
// journal and the syncing that durability rests on: the plugin hands the same
// one to everybody who asks with the same options, and a name misspelt in them
// would be ignored. The plugin can only run statements, so the values are read
// by a constraint that they must satisfy.
func checkConnection(file string) error {
	db, err := serversql.NewSQLAdminDB(sqlplugin.DbKindUnknown, store(file), resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer db.Close()
	return errors.Join(
		db.Exec(`CREATE TEMP TABLE IF NOT EXISTS durable (journal TEXT CHECK (journal = 'wal'), synchronous INTEGER CHECK (synchronous = 2))`), // 2 is FULL
		db.Exec(`INSERT INTO temp.durable SELECT journal_mode, synchronous FROM pragma_journal_mode, pragma_synchronous`),
		db.Exec(`DELETE FROM temp.durable`),
	)
}
