"""From a deployment to an engine with its adapters: the only place that names them."""
