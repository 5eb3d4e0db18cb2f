/** The rules that judge Wrangler configurations, in the order in which documents list them. */
import type { DurableObjectsRule } from "../define-rule.ts";
import noDestructiveMigration from "./no-destructive-migration.ts";
import noPagesDefinition from "./no-pages-definition.ts";
import noRewrittenMigrations from "./no-rewritten-migrations.ts";
import preferSqliteStorage from "./prefer-sqlite-storage.ts";
import requireClassLifecycle from "./require-class-lifecycle.ts";
import requireEnvBindings from "./require-env-bindings.ts";
import requireExportedClass from "./require-exported-class.ts";
import validBindings from "./valid-bindings.ts";
import validCompatibilityDate from "./valid-compatibility-date.ts";
import validConfig from "./valid-config.ts";
import validContainerClass from "./valid-container-class.ts";
import validCpuLimit from "./valid-cpu-limit.ts";
import validExports from "./valid-exports.ts";
import validMigrationTags from "./valid-migration-tags.ts";
import validMigrations from "./valid-migrations.ts";

export const wranglerRules: readonly DurableObjectsRule[] = [
	requireClassLifecycle,
	validMigrations,
	validMigrationTags,
	noRewrittenMigrations,
	noDestructiveMigration,
	preferSqliteStorage,
	validExports,
	validBindings,
	requireEnvBindings,
	requireExportedClass,
	validCompatibilityDate,
	validCpuLimit,
	validConfig,
	noPagesDefinition,
	validContainerClass,
];
