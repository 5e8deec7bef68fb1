"""The Jupyter server extension: the door between JupyterLab and the Lambda service.

It holds no state of its own. It authenticates and authorises by Jupyter's rules, passes what the
panel asks on to the service, and relays the service's changes as Jupyter events. The page never
learns the service's address or token.
"""
