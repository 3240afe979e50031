"""What ``flowengine serve --dev`` serves besides: pools and clients are made and removed."""
