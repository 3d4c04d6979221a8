import './older-node.ts';
import '../../local/replay/judge-worker.ts';
