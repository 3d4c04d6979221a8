import './older-node.ts';
import '../../cli/main.ts';
