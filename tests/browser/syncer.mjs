import { runSyncer } from '../../jsbridge/client/src/host/syncer.mjs';

runSyncer();
