/** What a worker is extended by: parts that are on or off by setting. */
package io.muster.worker.feature;
