//! WebSocket close codes: their names, rates and spikes.
