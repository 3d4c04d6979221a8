import './older-node.ts';
import '../../local/demo/run/lambda-runtime.ts';
