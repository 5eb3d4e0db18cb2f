/** Every rule, in the order in which documents list them. */
import type { DurableObjectsRule } from "./define-rule.ts";
import noArrowRpcMethod from "./rpc/no-arrow-rpc-method.ts";
import noFloatingPromise from "./rpc/no-floating-promise.ts";
import noFloatingRpc from "./rpc/no-floating-rpc.ts";
import noGlobalSingleton from "./rpc/no-global-singleton.ts";
import noNullableObjectName from "./rpc/no-nullable-object-name.ts";
import noPrivateRpcExposure from "./rpc/no-private-rpc-exposure.ts";
import noReservedRpcMethod from "./rpc/no-reserved-rpc-method.ts";
import noStubReuseAfterError from "./rpc/no-stub-reuse-after-error.ts";
import noUnserializableRpcValue from "./rpc/no-unserializable-rpc-value.ts";
import requireAbsoluteStubUrl from "./rpc/require-absolute-stub-url.ts";
import requireDurableObjectBase from "./rpc/require-durable-object-base.ts";
import noHeavyConstructor from "./state/no-heavy-constructor.ts";
import noUnpersistedState from "./state/no-unpersisted-state.ts";
import requireSuperCallArgs from "./state/require-super-call-args.ts";
import noAlarmOverwrite from "./scheduling/no-alarm-overwrite.ts";
import noTimerScheduling from "./scheduling/no-timer-scheduling.ts";
import noSetAlarmInConstructor from "./scheduling/no-set-alarm-in-constructor.ts";
import requireAlarmHandler from "./scheduling/require-alarm-handler.ts";
import validAlarmTime from "./scheduling/valid-alarm-time.ts";
import noLargeAttachment from "./websockets/no-large-attachment.ts";
import noLostAttachmentUpdate from "./websockets/no-lost-attachment-update.ts";
import noMixedWebsocketApi from "./websockets/no-mixed-websocket-api.ts";
import noUnguardedBroadcast from "./websockets/no-unguarded-broadcast.ts";
import preferWebsocketAutoResponse from "./websockets/prefer-websocket-auto-response.ts";
import preferWebsocketHibernation from "./websockets/prefer-websocket-hibernation.ts";
import requireSerializeAttachment from "./websockets/require-serialize-attachment.ts";
import requireWebsocketCloseReply from "./websockets/require-websocket-close-reply.ts";
import requireWebsocketMessageHandler from "./websockets/require-websocket-message-handler.ts";
import validWebsocketClose from "./websockets/valid-websocket-close.ts";
import validWebsocketTags from "./websockets/valid-websocket-tags.ts";
import noBlockConcurrencyInRequest from "./concurrency/no-block-concurrency-in-request.ts";
import noCatchAroundBlockConcurrency from "./concurrency/no-catch-around-block-concurrency.ts";
import noInterleavedReadModifyWrite from "./concurrency/no-interleaved-read-modify-write.ts";
import noParallelReadModifyWrite from "./concurrency/no-parallel-read-modify-write.ts";
import noSelfCallInBlockConcurrency from "./concurrency/no-self-call-in-block-concurrency.ts";
import noModuleMutableState from "./state/no-module-mutable-state.ts";
import requireBlockConcurrencyWhile from "./concurrency/require-block-concurrency-while.ts";
import noIoInBlockConcurrency from "./concurrency/no-io-in-block-concurrency.ts";
import noWaitUntilReliance from "./scheduling/no-wait-until-reliance.ts";
import noHandlerOverride from "./frameworks/no-handler-override.ts";
import noRawAlarmInAgent from "./frameworks/no-raw-alarm-in-agent.ts";
import requireHibernateOption from "./frameworks/require-hibernate-option.ts";
import noImmediateAlarmLoop from "./scheduling/no-immediate-alarm-loop.ts";
import noSwallowedAlarmError from "./scheduling/no-swallowed-alarm-error.ts";
import requireAlarmRescheduleOnFailure from "./scheduling/require-alarm-reschedule-on-failure.ts";
import noCursorAcrossAwait from "./storage/no-cursor-across-await.ts";
import noForbiddenSql from "./storage/no-forbidden-sql.ts";
import noNullishOne from "./storage/no-nullish-one.ts";
import noQueryAfterDeleteAll from "./storage/no-query-after-delete-all.ts";
import noSqlInterpolation from "./storage/no-sql-interpolation.ts";
import noSqlTransactionControl from "./storage/no-sql-transaction-control.ts";
import noSqliteApiOnKvClass from "./storage/no-sqlite-api-on-kv-class.ts";
import noUnboundedList from "./storage/no-unbounded-list.ts";
import noUnconsumedReturningCursor from "./storage/no-unconsumed-returning-cursor.ts";
import noUnguardedOne from "./storage/no-unguarded-one.ts";
import noUnsupportedSqlBinding from "./storage/no-unsupported-sql-binding.ts";
import requireDeleteAlarmWithDeleteAll from "./storage/require-delete-alarm-with-delete-all.ts";
import requireStorageCleanup from "./storage/require-storage-cleanup.ts";
import validBulkKeys from "./storage/valid-bulk-keys.ts";
import validStorageOptions from "./storage/valid-storage-options.ts";
import validStorageValue from "./storage/valid-storage-value.ts";
import noAsyncTransactionSync from "./concurrency/no-async-transaction-sync.ts";
import noStorageConcurrencyBypass from "./concurrency/no-storage-concurrency-bypass.ts";
import preferCoalescedWrites from "./concurrency/prefer-coalesced-writes.ts";
import requireTxnObject from "./concurrency/require-txn-object.ts";
import { wranglerRules } from "./wrangler/index.ts";

export const rules: readonly DurableObjectsRule[] = [
	noAlarmOverwrite,
	noTimerScheduling,
	noSetAlarmInConstructor,
	requireAlarmHandler,
	validAlarmTime,
	noHeavyConstructor,
	noUnpersistedState,
	requireSuperCallArgs,
	noArrowRpcMethod,
	noFloatingPromise,
	noFloatingRpc,
	noGlobalSingleton,
	noNullableObjectName,
	noPrivateRpcExposure,
	noReservedRpcMethod,
	noStubReuseAfterError,
	noUnserializableRpcValue,
	requireAbsoluteStubUrl,
	requireDurableObjectBase,
	noLargeAttachment,
	noLostAttachmentUpdate,
	noMixedWebsocketApi,
	noUnguardedBroadcast,
	preferWebsocketAutoResponse,
	preferWebsocketHibernation,
	requireSerializeAttachment,
	requireWebsocketCloseReply,
	requireWebsocketMessageHandler,
	validWebsocketClose,
	validWebsocketTags,
	noBlockConcurrencyInRequest,
	noCatchAroundBlockConcurrency,
	noInterleavedReadModifyWrite,
	noParallelReadModifyWrite,
	noSelfCallInBlockConcurrency,
	noModuleMutableState,
	requireBlockConcurrencyWhile,
	noIoInBlockConcurrency,
	noWaitUntilReliance,
	noHandlerOverride,
	noRawAlarmInAgent,
	requireHibernateOption,
	noImmediateAlarmLoop,
	noSwallowedAlarmError,
	requireAlarmRescheduleOnFailure,
	noCursorAcrossAwait,
	noForbiddenSql,
	noNullishOne,
	noQueryAfterDeleteAll,
	noSqlInterpolation,
	noSqlTransactionControl,
	noSqliteApiOnKvClass,
	noUnboundedList,
	noUnconsumedReturningCursor,
	noUnguardedOne,
	noUnsupportedSqlBinding,
	requireDeleteAlarmWithDeleteAll,
	requireStorageCleanup,
	validBulkKeys,
	validStorageOptions,
	validStorageValue,
	noAsyncTransactionSync,
	noStorageConcurrencyBypass,
	preferCoalescedWrites,
	requireTxnObject,
	...wranglerRules,
];
