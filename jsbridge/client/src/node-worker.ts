/** The Worker's code in a thread of Node. */

import "./node/scope.js";
import "./worker.js";
