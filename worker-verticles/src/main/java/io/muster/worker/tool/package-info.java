/** The tools that a worker offers to models, each on or off by setting. */
package io.muster.worker.tool;
