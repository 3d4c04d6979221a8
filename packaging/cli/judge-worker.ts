import './older-node.ts';
import '../../local/log-threads/judge-worker.ts';
